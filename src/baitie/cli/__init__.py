"""The commands of `baitie`: thin; what they do stands in bootstrap and app."""
