"""The people of the directory in Redis, for all nodes: `store.py` asks, `writing.py` writes, `layout.py` says what lies
where. docs/cluster-directory.md tells administrators."""
