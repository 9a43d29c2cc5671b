#include "project/yaml_moment.h"

#include <gtest/gtest.h>

namespace plumb::project {
namespace {

// What PyYAML and isoformat() make of it.
std::string moment(const std::string& yaml) {
  Document document = parse_yaml("at: " + yaml, "x.yml");
  return find_moment(document.root().find("at")).value_or("text");
}

TEST(YamlMoment, IsAScalarWithoutQuotes) {
  EXPECT_EQ(moment("2013-11-03 00:00:00-0"), "2013-11-03T00:00:00+00:00");
  EXPECT_EQ(moment("2013-11-03T10:00:00.5"), "2013-11-03T10:00:00.500000");
  EXPECT_EQ(moment("2013-1-3 1:00:00.25 +05:30"), "2013-01-03T01:00:00.250000+05:30");
  EXPECT_EQ(moment("2013-11-03t00:00:00Z"), "2013-11-03T00:00:00+00:00");
  EXPECT_EQ(moment("'2013-11-03 00:00:00'"), "text");
  EXPECT_EQ(moment("2013-11-03"), "text");
  EXPECT_EQ(moment("2013-11-03 00:00:00 or so"), "text");
}

}  // namespace
}  // namespace plumb::project
