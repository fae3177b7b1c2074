"""The package on a real Debian: booted in systemd-nspawn, with a network of its own that ends at the test's PBX."""
