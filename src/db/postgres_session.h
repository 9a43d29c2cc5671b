// One connection to a Postgres server: sends statements, waits for what comes back, and turns errors into ours.
//
// A stream (the rows of a query, a COPY) takes the connection for itself. Whatever is sent next ends it first.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "db/db.h"
#include "db/libpq.h"
#include "db/placeholders.h"

namespace plumb::db {

struct PgClear {
  const LibPq* pq = nullptr;
  void operator()(PGresult* result) const { pq->clear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgClear>;

class PostgresSession {
 public:
  // Connects. Throws Error(Network, Auth, NotFound).
  explicit PostgresSession(const DatabaseConfig& config);
  ~PostgresSession();
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  const LibPq& pq() const { return *pq_; }
  PGconn* get() const { return connection_.get(); }
  const DatabaseConfig& config() const { return config_; }

  // Before anything is sent: ends the stream that is still open, and throws for a cancel() that met nothing. `user_sql`
  // is what the user wrote where that differs from what is sent, for the place of an error.
  void prepare_to_send(NumberedSql statement, std::string_view user_sql);
  void prepare_to_send(std::string_view sql) { prepare_to_send({.sql = std::string(sql)}, sql); }
  // After one of libpq's functions that send has returned `sent`.
  void check_sent(int sent);
  // The next result of what was sent; null at its end. Throws for a result that is an error, after reading to the end.
  PgResult next_result();
  // Reads to the end and drops it; the last result counts.
  PgResult finish();
  // What the server called the last statement: "INSERT 0 3".
  const std::string& last_answer() const { return last_answer_; }
  // A statement of our own without result.
  void run(std::string_view sql);

  // Rows or a COPY are under way from here on. The number tells whether they still are.
  std::size_t begin_stream() {
    streaming_ = true;
    return stream_;
  }
  bool is_current(std::size_t stream) const { return stream == stream_ && streaming_; }
  // Ends the rows or the COPY that are under way, whose rest nobody wants.
  void end_stream() noexcept;

  bool in_transaction() const;
  void cancel();
  void throw_if_cancelled();
  [[noreturn]] void throw_broken();
  [[noreturn]] void throw_trouble(const PGresult* result);
  // ROLLBACK, whatever happens.
  void roll_back() noexcept;

 private:
  struct CancelHandle {
    const LibPq* pq;
    void operator()(PGcancel* handle) const { pq->freeCancel(handle); }
  };
  void connect();
  void wait_until_connected();
  void wait_for_input();
  void drain() noexcept;
  static void receive_notice(void* self, const PGresult* result);

  DatabaseConfig config_;
  std::shared_ptr<const LibPq> pq_;
  struct Finish {
    const LibPq* pq;
    void operator()(PGconn* connection) const { pq->finish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
  std::unique_ptr<PGcancel, CancelHandle> cancel_handle_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<std::int64_t> cancelled_at_ = 0;  // steady milliseconds
  NumberedSql statement_;
  std::string user_sql_;
  std::string last_answer_;
  bool in_transaction_when_sent_ = false;
  std::size_t stream_ = 0;
  bool streaming_ = false;
};

}  // namespace plumb::db
