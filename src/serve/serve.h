// What a server shows: the api, sign-in, metrics, alerts.
#pragma once
