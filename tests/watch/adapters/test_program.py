from ctibridge.watch.adapters.program import surroundings


def test_programs_get_the_environment_without_the_token() -> None:
    environment = {"CTIBRIDGE_TOKEN": "x", "CREDENTIALS_DIRECTORY": "/x", "DISPLAY": ":0", "BROWSER": "firefox"}
    assert surroundings(environment) == {"DISPLAY": ":0", "BROWSER": "firefox"}
