/*
 * The scenario's parameters, as `iovsim_vf --parameters` prints them: a name and an integer a line.
 */
#ifndef TESTS_BENCH_VF_SYSTEMC_PARAMETERS_HPP
#define TESTS_BENCH_VF_SYSTEMC_PARAMETERS_HPP

#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

class parameters
{
  public:
    explicit parameters(const std::string &path)
    {
        std::ifstream file(path);
        std::string name;
        int64_t value;
        while (file >> name >> value)
            values[name] = value;
        if (values.empty())
            throw std::runtime_error(path + ": no parameters");
    }

    int64_t operator[](const std::string &name) const
    {
        auto found = values.find(name);
        if (found == values.end())
            throw std::runtime_error("parameter " + name + " is missing");
        return found->second;
    }

  private:
    std::map<std::string, int64_t> values;
};

#endif
