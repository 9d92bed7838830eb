#include "core/npy.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <regex>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

template <class T>
std::vector<double> numbers(std::string_view bytes, size_t n) {
  std::vector<double> out(n);
  for (size_t i = 0; i < n; ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<double>(value);
  }
  return out;
}

std::string match_of(const std::string& text, const char* pattern, const Path& path) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(pattern))) throw Error("{}: the header of this npy file is not understood: {}", path.string(), printable(text));
  return found[1];
}

}  // namespace

Npy read_npy(const Path& path) {
  const std::string bytes = read_file(path);
  const bool magic = bytes.size() >= 12 && bytes.starts_with("\x93NUMPY") && (bytes[6] == 1 || bytes[6] == 2 || bytes[6] == 3);
  if (!magic) throw Error("{}: not an npy file", path.string());
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(bytes[i])); };
  const size_t begin = bytes[6] == 1 ? 10 : 12;
  const size_t length = bytes[6] == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - begin) throw Error("{}: cut short in its header", path.string());
  const std::string header = bytes.substr(begin, std::min<size_t>(length, 4096));
  const std::string kind = match_of(header, R"('descr'\s*:\s*'([^']*)')", path);
  if (match_of(header, R"('fortran_order'\s*:\s*(True|False))", path) == "True") {
    throw Error("{}: numbers stand column by column (order of Fortran); save numpy.ascontiguousarray(x)", path.string());
  }
  const std::string shape = match_of(header, R"('shape'\s*:\s*\(([0-9, ]*)\))", path);
  Npy out;
  size_t n = 1;
  const std::regex number("[0-9]+");
  for (auto at = std::sregex_iterator(shape.begin(), shape.end(), number); at != std::sregex_iterator(); ++at) {
    const std::string digits = at->str();
    const auto size = digits.size() > 15 ? std::numeric_limits<size_t>::max() / 2 : static_cast<size_t>(std::stoull(digits));
    if (size != 0 && n > bytes.size() / size) throw Error("{}: says it has shape ({}), which is more than the file", path.string(), shape);
    n *= size;
    out.shape.push_back(static_cast<int64_t>(size));
  }
  const std::string_view body = std::string_view(bytes).substr(begin + length);
  const auto read = [&]<class T>(T) {
    if (body.size() < n * sizeof(T)) throw Error("{}: cut short: {} numbers of shape ({}) are wanted, {} bytes are there", path.string(), n, shape, body.size());
    out.values = numbers<T>(body, n);
  };
  if (kind == "<f4") read(float());
  else if (kind == "<f8") read(double());
  else if (kind == "<i4") read(int32_t());
  else if (kind == "<i8") read(int64_t());
  else if (kind == "|b1" || kind == "|u1") read(uint8_t());
  else throw Error("{}: numbers of kind '{}'; f4, f8, i4, i8, u1 and b1 are read", path.string(), printable(kind));
  return out;
}

}  // namespace segue
