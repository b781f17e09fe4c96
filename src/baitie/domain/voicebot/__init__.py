"""The bot on the line (机器人): approved scripts, and the machine that follows them."""
