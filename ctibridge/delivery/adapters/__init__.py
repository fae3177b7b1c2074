"""The one port: HTTP, websocket, page."""
