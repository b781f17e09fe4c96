"""The library of name cards (名片库), shipped as data: templates by purpose, and what each cell should stress."""
