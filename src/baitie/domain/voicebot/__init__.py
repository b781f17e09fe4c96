"""The bot on the line (语音机器人): approved scripts, and the machine that follows them."""
