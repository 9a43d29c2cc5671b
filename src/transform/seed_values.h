// What a cell of a seed may be: the readings of a text that dbt tries one after the other.
//
// Each reads one text, blanks around it aside, and gives nothing where the text is not of its kind. Numbers are ints
// where they look it, and decimals otherwise; a number may carry signs of money and percent, and commas, which say
// nothing. A date is 2026-01-31, a datetime 2026-01-31 12:30:00; an ISO datetime has a `T` and what else the norm
// allows: weeks, days of the year, a fraction, an offset.
//
// Inside the room.
#pragma once

#include <optional>
#include <string_view>

#include "jinja/jinja.h"

namespace plumb::transform {

bool is_seed_null(std::string_view text);  // blanks, or `null` in any case
std::optional<jinja::Value> read_seed_number(std::string_view text);
std::optional<jinja::Value> read_seed_date(std::string_view text);
std::optional<jinja::Value> read_seed_datetime(std::string_view text);
std::optional<jinja::Value> read_seed_iso_datetime(std::string_view text);
std::optional<jinja::Value> read_seed_boolean(std::string_view text);

}  // namespace plumb::transform
