"""Message catalogues (文案目录): every text for people, in Chinese and English, as TOML."""
