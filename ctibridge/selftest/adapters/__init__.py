"""Where the test call touches the world: our caller, the other phone, the desk, the kept result."""
