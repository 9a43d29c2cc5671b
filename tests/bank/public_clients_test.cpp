// The sandbox is what others take for the bank: clients that are not ours sign in to it and read.

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/process.h"
#include "sandbox/sandbox.h"

namespace plumb::sandbox {
namespace {

TEST(PublicClients, SignInByEachKindOfTanAndRead) {
  const std::string source = find_environment("PLUMB_SOURCE_DIR").value_or(".");
  auto python = run_command({.arguments = {source + "/tests/support/python_env.sh", "comdirect-api-simple==0.0.15",
                                           "comdirect-client==0.1.0"}});
  if (python.exit_code == 77) GTEST_SKIP() << python.errors;
  ASSERT_EQ(python.exit_code, 0) << python.errors;
  python.output.pop_back();
  auto bank =
      start_comdirect({.now = find_instant("2026-11-22T18:00:00Z"), .push_delay = std::chrono::milliseconds(0)});
  auto read = run_command({.arguments = {python.output, source + "/tests/bank/public_clients.py", bank->url()}});
  const std::string everything = R"(Session TAN activated
4 accounts True
5 positions DE0007164600
True application/pdf b'%PDF-'
5 products
4 accounts after a refresh
Token revoked
)";
  EXPECT_EQ(read.output, "TAN-TYP: P_TAN_PUSH\n" + everything + "TAN-TYP: P_TAN\n" + everything + "TAN-TYP: M_TAN\n" +
                             everything + "True\nTrue\n")
      << read.errors;
}

}  // namespace
}  // namespace plumb::sandbox
