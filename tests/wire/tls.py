"""tls.py -- certificates for the fake engines, made by the openssl command.

A CA that a test trusts by `ca_file: ${ca}`, a certificate of it for localhost,
127.0.0.1 and ::1, and one that nobody has signed.  One folder serves a whole run."""
import ssl
import subprocess
import threading
from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make(folder):
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl(folder, "req", "-x509", *key, "-days", "3650", "-subj", "/CN=wire test CA",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, "req", *key, "-subj", "/CN=localhost", "-keyout", "good.key",
            "-out", "good.csr")
    (Path(folder) / "names").write_text(NAMES + "\n")
    openssl(folder, "x509", "-req", "-in", "good.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "3650", "-extfile", "names", "-out", "good.pem")
    openssl(folder, "req", "-x509", *key, "-days", "3650", "-subj", "/CN=localhost",
            "-addext", NAMES, "-keyout", "untrusted.key", "-out", "untrusted.pem")


class Tls:
    def __init__(self, folder):
        self.folder, self.contexts, self.lock = Path(folder), {}, threading.Lock()

    def path(self, name):
        with self.lock:
            if not (self.folder / "untrusted.pem").exists():
                make(self.folder)
        return self.folder / name

    def server(self, kind, sock):
        """The server's end of TLS over a connected socket; `.sni` is what it was asked."""
        certificate = self.path(f"{kind}.pem")
        with self.lock:
            if kind not in self.contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate, self.folder / f"{kind}.key")
                context.sni_callback = lambda s, name, _: setattr(s, "sni", name)
                self.contexts[kind] = context
        return self.contexts[kind].wrap_socket(sock, server_side=True)
