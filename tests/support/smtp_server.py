"""A mail server for tests: aiosmtpd on 127.0.0.1, with TLS and a password.

smtp_server.py FOLDER starttls|smtps|plain [CERTIFICATE KEY]

Writes the port into FOLDER/port once it is open, and each letter into FOLDER/1.eml, 2.eml, ... with its envelope in
front. The user is "plumb", the password "letmein".
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, mode = pathlib.Path(sys.argv[1]), sys.argv[2]
context = None
if mode != "plain":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])


class Letters:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such user"
        if address.startswith("later@"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        head = f"TLS: {session.ssl is not None or mode == 'smtps'}\nFROM: {envelope.mail_from}\nTO: {','.join(envelope.rcpt_tos)}\n"
        part = folder / f"{self.count}.part"
        part.write_bytes(head.encode() + envelope.content)
        part.rename(folder / f"{self.count}.eml")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"plumb" and data.password == b"letmein", handled=False)


def make():
    # With smtps the line is TLS from its first byte, so the server need not ask for STARTTLS.
    return SMTP(
        letters,
        hostname="mail.test",
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        authenticator=authenticate,
        auth_required=mode != "plain",
        auth_require_tls=mode == "starttls",
    )


async def serve():
    server = await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", 0, ssl=context if mode == "smtps" else None
    )
    (folder / "port.part").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.part").rename(folder / "port")
    await server.serve_forever()


letters = Letters()
asyncio.run(serve())
