"""Two public clients of the bank, as they are on PyPI, read the sandbox whose URL is the argument."""

import asyncio
import sys

from comdirect_api.comdirect_client import ComdirectClient as SimpleClient
from comdirect_client import ComdirectClient as AsyncClient

url = sys.argv[1]


def simple(tan_type, tan):
    bank = SimpleClient("sandbox-client", "sandbox-secret")
    bank.auth_service.oauth_url = url
    parts = ("auth", "account", "depot", "document", "report")
    for part in parts:
        getattr(bank, part + "_service").api_url = url + "/api"
    bank.fetch_tan("12345678", "123456", tan_type)
    bank.activate_session(tan)
    return bank


def read_everything(bank):
    accounts = [value["accountId"] for value in bank.get_all_balances()["values"]]
    booked = []
    while True:
        page = bank.get_account_transactions(accounts[0], True, "BOOKED", 500, len(booked), "2000-01-01")
        booked += page["values"]
        if not page["values"]:
            break
    print(len(accounts), "accounts", len(booked) == page["paging"]["matches"] > 500)
    (depot,) = bank.get_all_depots()["values"]
    positions = bank.get_depot_positions(depot["depotId"])["values"]
    position = bank.get_position(depot["depotId"], positions[0]["positionId"], with_instrument=True)
    print(len(positions), "positions", position["instrument"]["isin"])
    documents = bank.get_documents()
    content, kind = bank.get_document(documents["values"][0]["documentId"])
    print(len(documents["values"]) == documents["paging"]["matches"], kind, content[:5])
    print(len(bank.get_report(["ACCOUNT", "DEPOT"])["values"]), "products")
    bank.refresh_token()
    print(len(bank.get_all_balances()["values"]), "accounts after a refresh")
    bank.revoke_token()


async def poll_and_read():
    async with AsyncClient("sandbox-client", "sandbox-secret", "12345678", "123456", base_url=url) as bank:
        await bank.authenticate()
        balances = await bank.get_account_balances()
        print(sum(balance.balanceEUR.value for balance in balances) > 0)
        pending = await bank.get_transactions(balances[0].accountId, "NOTBOOKED")
        print(all(transaction.bookingDate is None for transaction in pending))


for tan_type, tan in (("P_TAN_PUSH", None), ("P_TAN", "123456"), ("M_TAN", "123456")):
    read_everything(simple(tan_type, tan))
asyncio.run(poll_and_read())
