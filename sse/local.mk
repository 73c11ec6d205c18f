# sse/
