"""The tests mirror the rooms: ctibridge/ROOM/MODULE.py has tests/ROOM/test_MODULE.py."""
