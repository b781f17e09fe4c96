"""What the store keeps and gives: the values that cross the store's ports."""
