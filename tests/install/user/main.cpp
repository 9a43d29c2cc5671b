// What a user of the library writes first: headers by <plumb/ROOM/ROOM.h>, an error that says what to do.
#include <plumb/base/clock.h>
#include <plumb/base/error.h>

#include <cstdio>

int main() {
  try {
    throw plumb::Error(plumb::ErrorKind::Config, "no connection named \"bnak\"");
  } catch (const plumb::Error& error) {
    std::puts(error.what());
  }
}
