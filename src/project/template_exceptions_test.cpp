// What `exceptions` says. What is expected is what dbt 1.11 says.

#include "project/template_exceptions.h"

#include <gtest/gtest.h>

namespace plumb::project {
namespace {

struct ExceptionsStory : testing::Test {
  std::string outcome(const std::string& call) {
    jinja::Context context;
    context.set("exceptions",
                template_exceptions([this](std::string_view text, Voice) { warned += std::string(text) + '\n'; }));
    try {
      return environment.parse("{{ exceptions." + call + " }}")->render(context);
    } catch (const Error& error) {
      return error.type() + ": " + error.message();
    }
  }
  jinja::Environment environment;
  std::string warned;
};

TEST_F(ExceptionsStory, EndsWithTheWordsOfDbt) {
  EXPECT_EQ(outcome("raise_compiler_error('boo')"), "CompilationError: boo");
  EXPECT_EQ(outcome("raise_database_error(msg='boo')"), "DbtDatabaseError: boo");
  EXPECT_EQ(outcome("missing_relation('t')"), "CompilationError: Relation t not found!");
  EXPECT_EQ(outcome("missing_config({'unique_id': 'model.p.m'}, 'k')"),
            "CompilationError: Model 'model.p.m' does not define a required config parameter 'k'.");
}

TEST_F(ExceptionsStory, TellsWhereAContractAndAModelDiffer) {
  EXPECT_EQ(outcome("raise_contract_error([], [])"),
            "ContractError: This model has an enforced contract, and its 'columns' specification is missing");
  EXPECT_EQ(outcome("raise_contract_error([{'name': 'id', 'data_type': 'INT'}, {'name': 'e', 'data_type': 'TEXT'}, "
                    "{'name': 'a', 'data_type': 'DATE'}], [{'name': 'id', 'data_type': 'BIGINT'}, {'name': 'c', "
                    "'data_type': 'TEXT'}, {'name': 'a', 'data_type': 'DATE'}])"),
            "ContractError: This model has an enforced contract that failed.\n"
            "Please ensure the name, data_type, and number of columns in your contract match the columns in your "
            "model's definition.\n\n"
            "| column_name | definition_type | contract_type | mismatch_reason       |\n"
            "| ----------- | --------------- | ------------- | --------------------- |\n"
            "| c           | TEXT            |               | missing in contract   |\n"
            "| e           |                 | TEXT          | missing in definition |\n"
            "| id          | BIGINT          | INT           | data type mismatch    |\n");
}

TEST_F(ExceptionsStory, Warns) {
  EXPECT_EQ(outcome("warn('hey')"), "");
  EXPECT_EQ(outcome("warn_snapshot_timestamp_data_types('a', 'b')"), "None");
  EXPECT_EQ(warned,
            "hey\nData type of snapshot table timestamp columns (a) doesn't match derived column 'updated_at' (b). "
            "Please update snapshot config 'updated_at'.\n");
}

}  // namespace
}  // namespace plumb::project
