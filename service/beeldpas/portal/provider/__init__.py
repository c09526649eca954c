"""The care provider's door: the link page, who somebody is, and one page per share."""
