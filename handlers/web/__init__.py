"""The pages: one file a page, thin; templates and the style sheet beside them."""
