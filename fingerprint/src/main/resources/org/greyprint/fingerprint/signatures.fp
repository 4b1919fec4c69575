; SPDX-License-Identifier: Apache-2.0
;
; Greyprint's own signatures of SYNs, in the syntax of p0f version 3, which is
;
;   version:initial TTL:IP options:MSS:window,scale:TCP options:quirks:payload
;
; with the quirks ece, cwr, ae, ect0, ect1 and ce where p0f has only ecn, and "flow?" for "with or
; without an IPv6 flow label". Every entry begins with * and so holds over IPv4 and IPv6.
;
; The rule: unknown rather than wrong. Windows are listed one by one; a window that no Windows is
; known to send is not called Windows. Sources stand above the entries:
;   [lab]  public lab captures, each host's edition from the lab's description and its NTLM build
;          number: zeek/zeek test traces, sbousseaden/PCAP-ATTACK, OISF/suricata-verify,
;          OTRF/Security-Datasets, studylab1/SAMR-Enum-Lab
;   [rule] follows from the stack's published behaviour: Windows 10 1703 and newer offer the largest
;          multiple of their MSS that fits 16 bits, and Linux a fixed number of segments
;   [pub]  publicly described; not in a capture we hold

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
; of seven servers [lab]. Without ECT(0) a path has cleared the field.

label = s:win:Windows:Server 2012 to 2016
sig   = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0

label = s:win:Windows:Server 2019 or newer
sig   = *:128:0:*:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:mss*45,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:mss*45,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:mss*46,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:mss*46,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:mss*47,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:mss*47,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:mss*48,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:mss*48,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0
sig   = *:128:0:*:64800,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0,flow?:0
sig   = *:128:0:*:64800,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,flow?:0

; ---------------------------------------------------------------- Windows clients
; [lab]: 10 1903 to 22H2 (647 SYNs of eight hosts) and 11 23H2 (28 SYNs): 64240, now and then 65535
; from the same host. [rule] for other MSS; the windows that follow are those of MSS 1440, 1452,
; 1380, 1360 and 1412, listed also as they are, for a path may lower the MSS and not the window.

label = s:win:Windows:10 or 11
sig   = *:128:0:*:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*45,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*46,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*47,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*48,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*49,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*50,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*51,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*52,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*53,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:64800,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65340,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:64860,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65280,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:64952,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
; [pub] 12 and 6 segments of 1460
sig   = *:128:0:*:mss*12,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*6,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
; with timestamps switched on: they follow what was there before [pub]
sig   = *:128:0:*:mss*44,8:mss,nop,ws,sok,ts:df,id+,flow?:0
sig   = *:128:0:*:mss*45,8:mss,nop,ws,sok,ts:df,id+,flow?:0
sig   = *:128:0:*:65535,8:mss,nop,ws,sok,ts:df,id+,flow?:0

; [lab] 7 (4 SYNs), 10 1511 (4 SYNs); [pub] Vista, 8, 8.1, 10 up to 1607
label = s:win:Windows:Vista to early 10
sig   = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:8192,2:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:8192,2:mss,nop,ws,sok,ts:df,id+,flow?:0
sig   = *:128:0:*:8192,8:mss,nop,ws,sok,ts:df,id+,flow?:0
; [pub] 10 1507 to 1607
sig   = *:128:0:*:65535,3:mss,nop,ws,nop,nop,sok:df,id+,flow?:0

; [pub] XP and Server 2003
label = s:win:Windows:XP
sig   = *:128:0:*:16384,*:mss,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:64512,*:mss,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,0:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,1:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:65535,2:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*44,0:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*44,1:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*44,2:mss,nop,ws,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*44,3:mss,nop,ws,nop,nop,sok:df,id+,flow?:0

; Newer ones leave the window scale out of their last retry, and then look like XP [pub].
label = g:win:Windows:XP, or newer on a retry
sig   = *:128:0:*:65535,0:mss,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*44,0:mss,nop,nop,sok:df,id+,flow?:0
sig   = *:128:0:*:mss*45,0:mss,nop,nop,sok:df,id+,flow?:0

label = g:win:Windows:Vista or newer, on a retry
sig   = *:128:0:*:8192,0:mss,nop,nop,sok:df,id+,flow?:0

; ---------------------------------------------------------------- Linux
; [rule] net/ipv4/tcp_output.c, tcp_select_initial_window(): a count of segments; 45 over IPv6 with
; MSS 1440, and 22 where only half the buffer counts (6.8 and newer as delivered by Ubuntu 24.04).

label = s:unix:Linux:4.20 or newer
sig   = *:64:0:*:mss*44,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*45,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*22,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:8961:mss*7,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:65495:mss*1,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:65475:mss*1,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*44,*:mss,sok,ts,nop,ws:df,id+,ece,cwr,flow?:0
sig   = *:64:0:*:mss*45,*:mss,sok,ts,nop,ws:df,id+,ece,cwr,flow?:0
; timestamps off
sig   = *:64:0:*:mss*44,*:mss,nop,nop,sok,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*45,*:mss,nop,nop,sok,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*22,*:mss,nop,nop,sok,nop,ws:df,id+,flow?:0

label = s:unix:Linux:3.x to 4.19
sig   = *:64:0:*:mss*20,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*10,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*20,*:mss,sok,ts,nop,ws:df,id+,ece,cwr,flow?:0
sig   = *:64:0:*:mss*20,*:mss,nop,nop,sok,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*10,*:mss,nop,nop,sok,nop,ws:df,id+,flow?:0

label = s:unix:Linux:2.4 or 2.6
sig   = *:64:0:*:mss*4,*:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:mss*4,*:mss,nop,nop,sok,nop,ws:df,id+,flow?:0

; [pub] 5 to 15. Linux with a large fixed window looks alike, therefore generic.
label = g:unix:Android:5 or newer
sig   = *:64:0:*:65535,6:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:65535,7:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:65535,8:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:65535,9:mss,sok,ts,nop,ws:df,id+,flow?:0
sig   = *:64:0:*:65535,10:mss,sok,ts,nop,ws:df,id+,flow?:0

; ---------------------------------------------------------------- Apple
; [pub] ID 0 with DF since 10.13; ECN setup on a share of SYNs, since lately with AE (AccECN).

label = s:unix:Apple:macOS or iOS
sig   = *:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,flow?:0
sig   = *:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ece,cwr,flow?:0
sig   = *:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ece,cwr,ae,flow?:0
sig   = *:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,flow?:0
sig   = *:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ece,cwr,flow?:0

label = s:unix:iOS:14 or newer
sig   = *:64:0:*:65535,7:mss,nop,ws,nop,nop,ts,sok,eol+1:df,flow?:0
sig   = *:64:0:*:65535,7:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ece,cwr,flow?:0

label = s:unix:macOS:10.9 to 10.12
sig   = *:64:0:*:65535,4:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+,flow?:0
sig   = *:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+,flow?:0

label = s:unix:macOS:10.13 or newer
sig   = *:64:0:*:65535,4:mss,nop,ws,nop,nop,ts,sok,eol+1:df,flow?:0

; ---------------------------------------------------------------- others, all [pub]

label = s:unix:FreeBSD:9 or newer
sig   = *:64:0:*:65535,6:mss,nop,ws,sok,ts:df,id+,flow?:0
sig   = *:64:0:*:65535,6:mss,nop,ws,sok,ts:df,flow?:0

label = s:unix:FreeBSD:8
sig   = *:64:0:*:65535,3:mss,nop,ws,sok,ts:df,id+,flow?:0

label = s:unix:OpenBSD:4 or newer
sig   = *:64:0:*:16384,3:mss,nop,nop,sok,nop,ws,nop,nop,ts:df,id+,flow?:0
sig   = *:64:0:*:16384,6:mss,nop,nop,sok,nop,ws,nop,nop,ts:df,id+,flow?:0

label = s:unix:Solaris:10
sig   = *:64:0:*:mss*34,0:mss,nop,ws,nop,nop,sok:df,id+,flow?:0

label = s:other:ESXi:6.5
sig   = *:64:0:*:65535,9:mss,nop,ws,sok,ts:df,id+,flow?:0

label = s:other:BIG-IP:
sig   = *:255:0:*:4176,0:mss,nop,nop,ts,sok,eol+1:df,id+,flow?:0
