"""Certificates and a running Asterisk for the tests of this folder."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.peers.peers import require
from tests.peers.sip.asterisk import Asterisk


class Authority(NamedTuple):
    """A certificate authority of our own and a certificate it gave to `localhost` and 127.0.0.1."""

    ca_file: Path
    certificate_file: Path
    key_file: Path


def make_authority(folder: Path) -> Authority:
    """Made by the openssl program, so that what we verify was not written by the library we verify with."""
    openssl = require("openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True, timeout=30)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority")
    run("req", *key, "-keyout", "peer.key", "-out", "peer.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"]
    run("x509", "-req", "-in", "peer.csr", "-out", "peer.pem", *signing)
    return Authority(folder / "ca.pem", folder / "peer.pem", folder / "peer.key")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Asterisk]:
    """One Asterisk for the tests of a module; each test dials an extension of its own or waits for its own call."""
    require("asterisk")
    folder = tmp_path_factory.mktemp("asterisk")
    with Asterisk(folder, certificate=authority.certificate_file, key=authority.key_file) as running:
        yield running
