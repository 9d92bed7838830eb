#pragma once

#include "listening/data_folder.h"
#include "sessions/log.h"

namespace segue {

/// All plays of a data folder as one train part: for recommending, where nothing is held back. Duplicates are left
/// out; tracks have their numbers in the folder and all are in the catalogue; the last tenth of each listener's plays
/// is the part `gate`. How far a play was heard is as `prepare` says it (C5), by lengths that files and logs tell, else by the times
/// that were played.
Log whole_log(const DataFolder& folder, int64_t gap_s);

}  // namespace segue
