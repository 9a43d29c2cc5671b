// Goes as soon as these drivers are here.

#include "db/drivers.h"

namespace plumb::db {

std::shared_ptr<Database> open_postgres(DatabaseConfig /*config*/) {
  throw Error(ErrorKind::Usage, "Postgres is not part of this build yet");
}

}  // namespace plumb::db
