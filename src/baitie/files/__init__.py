"""What people write and what it means: settings, campaign folders, rules, cards, scripts, registers' files."""
