; SPDX-License-Identifier: Apache-2.0
;
; Greyprint's own signatures of SYNs, in the syntax of p0f version 3, which is
;
;   version:initial TTL:IP options:MSS:window,scale:TCP options:quirks:payload
;
; with what docs/signatures.md says is more: the quirks ece, cwr, ae, ect0, ect1 and ce where p0f has
; only ecn, "ecn?" for "with or without ECE, CWR and AE", "flow?" for "with or without an IPv6 flow
; label", and the window mss*max, the largest multiple of the MSS that fits into 16 bits. Entries that
; begin with * hold over IPv4 and IPv6.
;
; The rule: unknown rather than wrong. A window that no Windows is known to send is not called Windows.
;
; None of these entries is taken from another database. Sources stand above them:
;   [lab]  public lab captures, each host's edition from the lab's description and its NTLM build
;          number: zeek/zeek test traces, sbousseaden/PCAP-ATTACK, OISF/suricata-verify,
;          OTRF/Security-Datasets, studylab1/SAMR-Enum-Lab
;   [live] SYNs that the tests of this project make with a real kernel
;   [src]  worked out from the system's published source, the file is named
;   [rule] follows from the stack's published behaviour: Windows 10 1703 and newer and Linux 4.20 and
;          newer offer the largest multiple of their MSS that fits into 16 bits
;   [pub]  publicly described, by vendors and by those who read captures; not in a capture we hold

classes = win,unix,other

[mtu]

; RFC 894
label = Ethernet or modem
sig   = 1500
sig   = 576

; PPPoE (RFC 2516), PPPoA, and NTT's access network
label = DSL
sig   = 1492
sig   = 1454
sig   = 1452

; 20 octets of IPv4 around an Ethernet packet (RFC 2003, 4213)
label = IPIP or SIT
sig   = 1480

; 24 octets of IPv4 and GRE (RFC 2784)
label = GRE or IPsec
sig   = 1476

; WireGuard's default, and what VPN products are delivered with
label = generic tunnel or VPN
sig   = 1420
sig   = 1400
sig   = 1300
sig   = 1412
sig   = 1440
sig   = 1450
sig   = 1460

; the least that IPv6 allows (RFC 8200)
label = tunnel at the IPv6 minimum
sig   = 1280

; one 802.1Q tag inside an Ethernet frame
label = VLAN
sig   = 1496

label = jumbo Ethernet
sig   = 9000
sig   = 9001

label = loopback
sig   = 16436
sig   = 65535

[tcp:request]

; ---------------------------------------------------------------- Windows Server
; ECE and CWR on the SYN, with ECT(0) in the IP header, as no client sends them: 115 of 115 SYNs
; of seven servers [lab]. Without ECT(0) a path has cleared the field. 8192: 2012 R2 and 2016 [lab],
; 2012 [pub]; 65535 with scale 3 or 8: 2016 now and then [pub]. 2019 and 2022 [lab] offer mss*max or
; 65535; 2025 was in no capture and is taken to be like them. With timestamps switched on these follow
; what was there before [pub].
label = s:win:Windows:Server 2012 to 2016
sig   = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:8192,8:mss,nop,ws,sok,ts:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:8192,8:mss,nop,ws,sok,ts:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:65535,3:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:65535,3:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0

label = s:win:Windows:Server 2019 or newer
sig   = *:128:0:*:mss*max,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:mss*max,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:mss*max,8:mss,nop,ws,sok,ts:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:mss*max,8:mss,nop,ws,sok,ts:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,sok,ts:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,sok,ts:df,id+,ece,cwr,flow?:0

; ---------------------------------------------------------------- Windows without ECN
; [lab] 10 1903 to 22H2 (647 SYNs of eight hosts) and 11 23H2 (28 SYNs): 64240, now and then 65535
; from the same host. [rule] other MSS: 64860 with 1380, 65280 with 1360, 64800 with 1440, 65340 with
; 1452, 64952 with 1412, all seen [pub]. [pub] 17520 and 8760 are 12 and 6 segments of 1460.
label = s:win:Windows:10 or 11
sig   = *:128:0:*:mss*max,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:17520,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:8760,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
; timestamps switched on [pub]
sig   = *:128:0:*:mss*max,8:mss,nop,ws,sok,ts:df,id+,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,sok,ts:df,id+,flow?:0

; [lab] 7 (4 SYNs), 10 1511 (4 SYNs). [pub] Vista, 8, 8.1, 10 up to 1607; Server 2008 and 2008 R2,
; whose ECN is off as delivered, and 2012 to 2016 where it was switched off. Scale 2: 7 [pub].
label = s:win:Windows:Vista to early 10
sig   = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:8192,8:mss,nop,ws,sok,ts:df,id+,flow?:0
sig   = *:128:0:*:8192,2:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:8192,2:mss,nop,ws,sok,ts:df,id+,flow?:0
; [pub] 10 1507 to 1607
sig   = *:128:0:*:65535,3:mss,nop,ws,nop,nop,sok:df,id+,flow?:0

; [pub] XP and Server 2003, which no SYN tells apart: 16384 and 64512, or the others with a scale
; that was set by hand.
label = s:win:Windows:XP or 2003
sig   = *:128:0:*:16384,0:mss,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:64512,0:mss,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,0:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,1:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,2:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*max,0:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*max,1:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*max,2:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*max,3:mss,nop,ws,nop,nop,sok:df,id+,flow?:0

; Newer ones leave the window scale out of their last retry, and then look like XP [pub]. Some
; Cisco telephones send the first of these too [pub]; therefore generic.
label = g:win:Windows:XP or 2003, or newer on a retry
sig   = *:128:0:*:65535,0:mss,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*max,0:mss,nop,nop,sok:df,id+,flow?:0

label = g:win:Windows:Vista or newer, on a retry
sig   = *:128:0:*:8192,0:mss,nop,nop,sok:df,id+,flow?:0

; ---------------------------------------------------------------- Linux
; [src] net/ipv4/tcp_output.c, tcp_select_initial_window() and tcp_options_write(): the options in this
; order; a window of 4 segments up to 2.6, 10 and then 20 up to 4.19 (of 1460 octets where the MSS is
; larger), and since then half the default buffer of 131072 octets, down to a whole segment: mss*max.
; 6.6 to 6.9 take a quarter of it: 22 segments of 1460 (Ubuntu 24.04 [pub]). Any of them asks for
; ECN if told to; the IP field stays 0. Without timestamps, SACK is filled up with two NOPs. Scales
; hang on the machine's memory. ChromeOS is Linux and sends the same; nothing tells it apart. [live]
; Solaris 11 and illumos [src] usr/src/uts/common/inet/tcp/tcp_output.c: 128000 octets, up to a whole
; segment, halved by a scale of 1. The options are those of Linux without timestamps, which has no such
; scale.
label = s:unix:Solaris:11 or illumos
sig   = 4:64:0:*:mss*44,1:mss,nop,nop,sok,nop,ws:df,id+,ecn?:0
sig   = 6:64:0:*:64080,1:mss,nop,nop,sok,nop,ws:ecn?,flow?:0

; 22 segments without a scale [pub]
label = s:unix:Linux:2.2
sig   = *:64:0:*:mss*22,0:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0

label = s:unix:Linux:4.20 or newer
sig   = *:64:0:*:mss*max,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*max,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0

label = s:unix:Linux:6.6 to 6.9
sig   = *:64:0:*:mss*22,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*23,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*24,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*25,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*26,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*27,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*22,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*23,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*24,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*25,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*26,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*27,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0

; mss*3 and mss*2: 20 and 10 segments of 1460 where the MSS is that of jumbo frames. 28800 and 14400
; are those of 1440, listed as they are because a lowered MSS may divide them too.
label = s:unix:Linux:3.x to 4.19
sig   = *:64:0:*:mss*20,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*10,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = 6:64:0:*:28800,*:mss,sok,ts,nop,ws:ecn?,flow?:0
sig   = 6:64:0:*:14400,*:mss,sok,ts,nop,ws:ecn?,flow?:0
sig   = *:64:0:*:26883,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:26880,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8961:mss*3,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8960:mss*3,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8961:mss*2,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8960:mss*2,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*20,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:mss*10,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = 6:64:0:*:28800,*:mss,nop,nop,sok,nop,ws:ecn?,flow?:0
sig   = 6:64:0:*:14400,*:mss,nop,nop,sok,nop,ws:ecn?,flow?:0
sig   = *:64:0:*:26883,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:26880,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8961:mss*3,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8960:mss*3,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8961:mss*2,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:8960:mss*2,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0

label = s:unix:Linux:2.4 or 2.6
sig   = *:64:0:*:mss*4,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = 6:64:0:*:5760,*:mss,sok,ts,nop,ws:ecn?,flow?:0
sig   = *:64:0:*:mss*4,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0
sig   = 6:64:0:*:5760,*:mss,nop,nop,sok,nop,ws:ecn?,flow?:0

; [pub] Android 5 to 15 sets a large default buffer, so that the window is as large as it can be. Linux
; with the same setting looks alike, therefore generic; scales beyond those of telephones are called
; Linux.
label = g:unix:Android:5 or newer
sig   = *:64:0:*:65535,6:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:65535,7:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:65535,8:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:65535,9:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:65535,10:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0

label = g:unix:Linux:with large buffers
sig   = *:64:0:*:65535,*:mss,sok,ts,nop,ws:df,id+,ecn?,flow?:0
sig   = *:64:0:*:65535,*:mss,nop,nop,sok,nop,ws:df,id+,ecn?,flow?:0

; ---------------------------------------------------------------- Apple
; [src] xnu, bsd/netinet/tcp_output.c: the options in this order, filled up with end-of-list octets;
; ECE and CWR, and AE too since AccECN, on a share of connections, the IP field 0. [pub] ID 0 with DF
; since 10.13 (RFC 6864); scale 4 and 5 up to 10.12, 6 on macOS and iOS since, 5 and 7 on iOS too.
label = s:unix:Apple:macOS or iOS
sig   = *:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn?,flow?:0
sig   = *:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn?,flow?:0

label = s:unix:iOS:14 or newer
sig   = *:64:0:*:65535,7:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn?,flow?:0

label = s:unix:macOS:10.9 to 10.12
sig   = 4:64:0:*:65535,4:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+,ecn?:0
sig   = 4:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+,ecn?:0

label = s:unix:macOS:10.13
sig   = 4:64:0:*:65535,4:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn?:0

label = s:unix:macOS:10.9 to 10.13
sig   = 6:64:0:*:65535,4:mss,nop,ws,nop,nop,ts,sok,eol+1:ecn?,flow?:0

; ---------------------------------------------------------------- BSD
; [src] FreeBSD, sys/netinet/tcp_output.c, tcp_addoptions(): the options in this order; the scale grows
; with kern.ipc.maxsockbuf: 3 in version 8, 6 since 9. [src] sys/netinet/ip_id.c: ID 0 with DF since 11
; (RFC 6864). Appliances made of it (pfSense, OPNsense, TrueNAS, Cisco's mail gateways) send the same.
label = s:unix:FreeBSD:9 or 10
sig   = 4:64:0:*:65535,6:mss,nop,ws,sok,ts:df,id+,ecn?:0

label = s:unix:FreeBSD:11 or newer
sig   = 4:64:0:*:65535,6:mss,nop,ws,sok,ts:df,ecn?:0

label = s:unix:FreeBSD:9 or newer
sig   = 6:64:0:*:65535,6:mss,nop,ws,sok,ts:ecn?,flow?:0

label = s:unix:FreeBSD:8
sig   = *:64:0:*:65535,3:mss,nop,ws,sok,ts:df,id+,ecn?,flow?:0

; [src] OpenBSD, sys/netinet/tcp_output.c: SACK and scale each filled up to four octets with NOPs in
; front; 16384 octets (tcp_usrreq.c); the scale is 3, later 6 [pub].
label = s:unix:OpenBSD:4 or newer
sig   = *:64:0:*:16384,3:mss,nop,nop,sok,nop,ws,nop,nop,ts:df,id+,ecn?,flow?:0
sig   = *:64:0:*:16384,6:mss,nop,nop,sok,nop,ws,nop,nop,ts:df,id+,ecn?,flow?:0

; [src] NetBSD, sys/netinet/tcp_output.c: scale after a NOP, SACK with two NOPs behind; 32768 octets,
; scale 3 of a largest buffer of 256 KiB (tcp_usrreq.c, uipc_socket2.c). ID 0 or not with DF, by
; version.
label = s:unix:NetBSD:4 or newer
sig   = *:64:0:*:32768,3:mss,nop,ws,sok,nop,nop,nop,nop,ts:df,id+,ecn?,flow?:0
sig   = 4:64:0:*:32768,3:mss,nop,ws,sok,nop,nop,nop,nop,ts:df,ecn?:0

; ---------------------------------------------------------------- Solaris
; [pub] 49152 octets, up to a whole segment: 34 of 1460, 35 of 1440. Windows' options, but its TTL and window are
; not those of any Windows.
label = s:unix:Solaris:10
sig   = 4:64:0:*:mss*34,0:mss,nop,ws,nop,nop,sok:df,id+,ecn?:0
sig   = 6:64:0:*:50400,0:mss,nop,ws,nop,nop,sok:ecn?,flow?:0

; ---------------------------------------------------------------- network gear and other things
; [pub] VMware ESXi 6.5; its stack is FreeBSD's with a larger buffer.
label = s:other:ESXi:6.5
sig   = *:64:0:*:65535,9:mss,nop,ws,sok,ts:df,id+,flow?:0

; [pub] F5 BIG-IP; its management interface is Linux
label = s:other:BIG-IP:
sig   = *:255:0:*:4176,0:mss,nop,nop,ts,sok,eol+1:df,id+,flow?:0

; [pub] Cisco IOS: 4128 octets unless "ip tcp window-size" says otherwise (command reference), no
; option but the MSS; DF with path MTU discovery.
label = s:other:Cisco IOS:
sig   = *:255:0:*:4128,0:mss:flow?:0
sig   = 4:255:0:*:4128,0:mss:df,id+:0

; [src] lwIP, src/include/lwip/opt.h and src/core/tcp_out.c: four segments, TTL 255, no DF, an ID that
; counts from 0: printers, telephones, sensors. Products change these numbers, therefore generic.
label = g:other:lwIP:
sig   = *:255:0:*:mss*4,0:mss:flow?:0
sig   = 4:255:0:*:mss*4,0:mss:id-:0
