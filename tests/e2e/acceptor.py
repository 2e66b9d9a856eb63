"""acceptor.py -- what engines of these tests have in common: a port, and a thread for each
connection, in which talk(sock) answers what comes; it closes the socket."""
import socket
import threading


class Acceptor:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        self.is_over = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        self.is_over.set()
        self.listener.close()

    def serve(self):
        while not self.is_over.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(sock,), daemon=True).start()

    def talk(self, sock):
        raise NotImplementedError
