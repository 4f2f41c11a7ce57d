"""Trades of this region that GB/T 4754—2017 lists under a name in which nobody would look for them."""

# 2449 其他体育用品制造 takes in everything made for angling.
CLASS_BY_WORD = dict.fromkeys(("钓具", "渔具", "钓鱼", "鱼竿", "钓竿", "鱼线轮"), "2449")
