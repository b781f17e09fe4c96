"""The outside world: one folder per outside thing. Each fulfils a port of `baitie.app.ports`."""
