/* ns-3: UDP from one node to another over a 10 Gb/s point-to-point link, small packets at 900 kpps of offered load. */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/udp-client-server-helper.h>
#include <ns3/udp-server.h>

namespace
{

constexpr uint16_t port = 9;
constexpr uint32_t payload = 18; /* a frame of 64 bytes on Ethernet */

double cpu_seconds()
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

ns3::Ipv4Address connect(const ns3::NodeContainer &nodes)
{
    ns3::PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", ns3::StringValue("10Gbps"));
    link.SetChannelAttribute("Delay", ns3::StringValue("10ns"));
    ns3::NetDeviceContainer devices = link.Install(nodes);
    ns3::InternetStackHelper().Install(nodes);
    ns3::Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    return addresses.Assign(devices).GetAddress(1);
}

} // namespace

int main(int argc, char *argv[])
{
    uint64_t milliseconds = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
    if (milliseconds == 0) {
        std::fprintf(stderr, "usage: %s MILLISECONDS\n", argv[0]);
        return 2;
    }
    ns3::Time::SetResolution(ns3::Time::PS);
    ns3::NodeContainer nodes(2);
    ns3::Ipv4Address address = connect(nodes);
    ns3::ApplicationContainer server = ns3::UdpServerHelper(port).Install(nodes.Get(1));
    ns3::UdpClientHelper client(address, port);
    client.SetAttribute("MaxPackets", ns3::UintegerValue(UINT32_MAX));
    client.SetAttribute("Interval", ns3::TimeValue(ns3::PicoSeconds(1111111)));
    client.SetAttribute("PacketSize", ns3::UintegerValue(payload));
    client.Install(nodes.Get(0));
    ns3::Simulator::Stop(ns3::MilliSeconds(milliseconds));
    double start = cpu_seconds();
    ns3::Simulator::Run();
    double seconds = cpu_seconds() - start;
    uint64_t packets = server.Get(0)->GetObject<ns3::UdpServer>()->GetReceived();
    std::printf("ns3 packets %llu seconds %.4f packets/s %.0f\n", static_cast<unsigned long long>(packets),
                seconds, static_cast<double>(packets) / seconds);
    ns3::Simulator::Destroy();
    return 0;
}
