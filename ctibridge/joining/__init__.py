"""One node among several: what each room needs of the cluster, joined here. Loaded with `[redis]` alone."""
