# segue_parquet: Arrow and Parquet, from an installed package, else from a pyarrow wheel, which ships the headers and
# the libraries but no CMake files.
find_package(Arrow CONFIG QUIET)
find_package(Parquet CONFIG QUIET)
add_library(segue_parquet INTERFACE)
if(Arrow_FOUND AND Parquet_FOUND)
  target_link_libraries(segue_parquet INTERFACE Parquet::parquet_shared Arrow::arrow_shared)
  return()
endif()

find_path(PYARROW_DIR include/arrow/util/config.h
  PATHS ${SEGUE_DEPENDENCIES} ${CMAKE_PREFIX_PATH} PATH_SUFFIXES pyarrow NO_DEFAULT_PATH)
if(NOT PYARROW_DIR)
  message(FATAL_ERROR "Arrow was not found: run scripts/setup, or name its folder in CMAKE_PREFIX_PATH")
endif()
file(STRINGS ${PYARROW_DIR}/include/arrow/util/config.h version REGEX "ARROW_SO_VERSION")
string(REGEX REPLACE ".*\"([0-9]+)\".*" "\\1" version "${version}")
foreach(name arrow parquet)
  add_library(segue_${name}_wheel SHARED IMPORTED)
  set_target_properties(segue_${name}_wheel PROPERTIES IMPORTED_LOCATION ${PYARROW_DIR}/lib${name}.so.${version})
  target_include_directories(segue_${name}_wheel SYSTEM INTERFACE ${PYARROW_DIR}/include)
  list(APPEND SEGUE_BUNDLED_LIBRARIES ${PYARROW_DIR}/lib${name}.so.${version})
endforeach()
target_link_libraries(segue_parquet INTERFACE segue_parquet_wheel segue_arrow_wheel)
