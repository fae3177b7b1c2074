"""Where `watch` touches the world: the websocket, the terminal, the browser, desktop notifications."""
