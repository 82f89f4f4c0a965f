"""Networks and losses that only training needs; what renders never imports this."""
