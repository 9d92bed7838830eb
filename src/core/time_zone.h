#pragma once

#include <cstdint>
#include <string>

namespace date { class time_zone; }

namespace segue {

/// A zone of the IANA data base, for times that name none.
class TimeZone {
 public:
  /// Throws Error if the system knows no zone of this name.
  explicit TimeZone(const std::string& name);

  /// The moment, in milliseconds since 1970, at which clocks of the zone show a time (itself as if in UTC). Of two such
  /// moments the first; for a time that clocks leap over, the moment of the leap.
  int64_t moment_ms(int64_t shown_ms) const;

 private:
  const date::time_zone* zone_ = nullptr;  // none: UTC
};

}  // namespace segue
