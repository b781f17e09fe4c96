"""The commands of `baitie`: thin; what they do stands in app, files and bootstrap."""
