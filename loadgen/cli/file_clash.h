// Files that a command would read and write: none may cost somebody another.
#pragma once

#include <string>
#include <vector>

namespace netrig::loadgen {

struct NamedFile {
  std::string option;  // "--out", or what the argument is called
  std::string path;    // "": none was given
};

// What is wrong with files to be written, as a sentence; empty: nothing. One may not be `-`, nor be written
// twice, nor be one of those that are read: by another name neither. A device takes whatever comes.
std::string clash_of_files(const std::vector<NamedFile>& read, const std::vector<NamedFile>& written);

}  // namespace netrig::loadgen
