"""What Prometheus asks for: read from the rooms when it asks, named in `catalogue.py`, said by `exposition.py`."""
