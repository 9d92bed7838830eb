# The libraries of docs/building.md. Each is looked for where CMake looks (CMAKE_PREFIX_PATH names other places);
# libtorch and Arrow also in the folder that scripts/setup fills.
set(SEGUE_DEPENDENCIES ${CMAKE_SOURCE_DIR}/.dependencies CACHE PATH "Where scripts/setup put libtorch and Arrow")

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(date REQUIRED)
find_package(benchmark QUIET)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(sentencepiece REQUIRED IMPORTED_TARGET sentencepiece)
include(ArrowParquet)
# Sound: FFmpeg decodes and resamples, libsndfile opens what it refuses, TagLib reads tags.
pkg_check_modules(sound REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswresample sndfile taglib)
# Annotation: libcurl asks language models elsewhere, SQLite keeps what they answered.
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)

add_library(segue_dependencies INTERFACE)
target_link_libraries(segue_dependencies INTERFACE
  segue_parquet fmt::fmt nlohmann_json::nlohmann_json yaml-cpp LibArchive::LibArchive OpenSSL::Crypto date::date-tz
  PkgConfig::xxhash PkgConfig::utf8proc PkgConfig::pcre2 PkgConfig::sentencepiece Threads::Threads)

# segue_torch: libtorch, from a wheel or an installed one. Its headers bring an fmt of their own, newer than the library
# that is linked: used as headers only, the two don't meet.
if(NOT SEGUE_TENSORS OR SEGUE_FUZZ)
  return()
endif()
list(APPEND CMAKE_PREFIX_PATH ${SEGUE_DEPENDENCIES}/torch/share/cmake)
find_package(Torch REQUIRED)
add_library(segue_torch INTERFACE)
target_link_libraries(segue_torch INTERFACE ${TORCH_LIBRARIES})
target_compile_definitions(segue_torch INTERFACE FMT_HEADER_ONLY)
find_path(GLOO_HEADERS gloo/algorithm.h PATHS ${TORCH_INCLUDE_DIRS} ${CMAKE_SOURCE_DIR}/cmake/gloo NO_DEFAULT_PATH)
target_include_directories(segue_torch SYSTEM INTERFACE ${GLOO_HEADERS})
