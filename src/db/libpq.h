// libpq as a table of functions, opened when the first Postgres connection is made (it would cost start-up time and
// memory otherwise). `pq.getResult(…)` is PQgetResult(…).
#pragma once

#include <libpq-fe.h>

#include <memory>

namespace plumb::db {

// clang-format off
#define PLUMB_LIBPQ_FUNCTIONS(X) \
  X(connectStartParams) X(connectPoll) X(finish) X(status) X(socket) X(errorMessage) X(setErrorVerbosity) \
  X(parameterStatus) X(transactionStatus) X(setNoticeReceiver) X(getCancel) X(freeCancel) X(cancel) \
  X(exec) X(sendQuery) X(sendQueryParams) X(sendPrepare) X(sendDescribePrepared) X(sendQueryPrepared) \
  X(setSingleRowMode) X(consumeInput) X(isBusy) X(flush) X(getResult) X(clear) \
  X(resultStatus) X(resultErrorField) X(resultErrorMessage) X(cmdStatus) X(cmdTuples) \
  X(ntuples) X(nfields) X(fname) X(ftype) X(fmod) X(getisnull) X(getvalue) X(getlength) \
  X(putCopyData) X(putCopyEnd) X(getCopyData) X(freemem)
// clang-format on

struct LibPq {
// The name is a member that is declared, not a value.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define PLUMB_LIBPQ_MEMBER(name) decltype(&::PQ##name) name = nullptr;
  PLUMB_LIBPQ_FUNCTIONS(PLUMB_LIBPQ_MEMBER)
#undef PLUMB_LIBPQ_MEMBER
};

// Opens it, or finds it open already. Throws Error(NotFound) when there is none.
std::shared_ptr<const LibPq> open_libpq();

}  // namespace plumb::db
