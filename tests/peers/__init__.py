"""Real peers for the tests: Kamailio, baresip, SIPp, a lossy wire and Chromium.

Each class starts one program on loopback addresses of its own and ends it by process id. Tests get them from
the fixtures in ``plugin``.
"""
