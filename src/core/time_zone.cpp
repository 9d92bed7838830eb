#include "core/time_zone.h"

#include <date/tz.h>

#include "core/error.h"

namespace segue {

TimeZone::TimeZone(const std::string& name) {
  if (name == "UTC") return;  // needs no data base, which a small system may lack
  try {
    zone_ = date::locate_zone(name);
  } catch (const std::exception&) {
    throw Error("no time zone '{}'; names look like Europe/Berlin, and come with the system's tzdata", name);
  }
}

int64_t TimeZone::moment_ms(int64_t shown_ms) const {
  if (zone_ == nullptr) return shown_ms;
  const date::local_time<std::chrono::milliseconds> shown{std::chrono::milliseconds(shown_ms)};
  return zone_->to_sys(shown, date::choose::earliest).time_since_epoch().count();
}

}  // namespace segue
