"""What `ctibridge check` looks at, one module for each subject: what was read comes in as values, findings go out.

The judgement is pure; what reads files, kernel and network stands beside it in `database`, `kernel`, `page_probe`.
"""
