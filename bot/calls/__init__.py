"""The calls to WeChat, one file a subject. Each names its `Call`, and says whether it may be repeated."""
