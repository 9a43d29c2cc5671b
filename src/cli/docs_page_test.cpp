#include "cli/docs_page.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace plumb::cli {
namespace {

class DocsPage : public testing::Test {
 protected:
  DocsPage() {
    write_file(target / "manifest.json", "{\"the\": \"manifest\"}");
    write_file(target / "catalog.json", "{}");
    write_file(target / "run_results.json", "not for readers");
    write_file(folder.path() / "profiles.yml", "not for readers");
  }
  ServerResponse get(const std::string& path, const std::string& host = "localhost:8080", bool here_only = true) const {
    ServerRequest request{.method = "GET", .target = path, .path = path, .headers = {{"Host", host}}};
    return answer_docs(request, target, here_only);
  }

  TemporaryFolder folder;
  const std::filesystem::path target = make_target();

 private:
  std::filesystem::path make_target() const {
    std::filesystem::create_directory(folder.path() / "target");
    return folder.path() / "target";
  }
};

TEST_F(DocsPage, GivesThePageItsPartsAndTheTwoArtifacts) {
  EXPECT_TRUE(get("/").body.starts_with("<!doctype html>"));
  EXPECT_EQ(*get("/app.js").headers.find("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/manifest.json").body, "{\"the\": \"manifest\"}");
  EXPECT_EQ(get("/catalog.json").status, 200);
}

TEST_F(DocsPage, GivesNothingElseHoweverItIsAskedFor) {
  for (const char* path : {"/run_results.json", "/../profiles.yml", "/%2e%2e/profiles.yml", "//etc/passwd",
                           "/./manifest.json", "/manifest.json/", "/target/manifest.json", "/..\\profiles.yml", "x"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(DocsPage, ForbidsScriptsOfOthersAndGuessing) {
  for (const char* path : {"/", "/manifest.json", "/nothing"}) {
    auto answer = get(path);
    std::string policy = *answer.headers.find("Content-Security-Policy");
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_NE(policy.find("default-src 'none'; script-src 'self';"), std::string::npos);
    EXPECT_EQ(*answer.headers.find("X-Content-Type-Options"), "nosniff");
  }
}

TEST_F(DocsPage, AnswersOnlyReadersOfThisMachineUnlessItIsOpenToOthers) {
  EXPECT_EQ(get("/manifest.json", "evil.example:8080").status, 421);
  EXPECT_EQ(get("/manifest.json", "127.0.0.1:8080").status, 200);
  EXPECT_EQ(get("/manifest.json", "[::1]:8080").status, 200);
  EXPECT_EQ(get("/manifest.json", "docs.example", false).status, 200);
  EXPECT_EQ(answer_docs({.method = "POST", .path = "/"}, target, false).status, 405);
}

TEST_F(DocsPage, DocsThatWereNeverMadeAreAnErrorWithTheWayOut) {
  EXPECT_NO_THROW(check_docs(target));
  std::filesystem::remove(target / "catalog.json");
  EXPECT_EQ(get("/catalog.json").status, 404);
  try {
    check_docs(target);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "there is no documentation: '" + (target / "catalog.json").string() + "' is missing");
    EXPECT_EQ(error.hint(), "run `plumb docs generate` first");
  }
}

}  // namespace
}  // namespace plumb::cli
